"""Reads for a surface (a home tab, a form, a page): each checks who looks, and gives values of the core."""

from bot.lookups.lookups import Lookups, Prefilled
from bot.lookups.own import MyQuestions
from bot.lookups.waiting import InReview, OnBoard

__all__ = ["InReview", "Lookups", "MyQuestions", "OnBoard", "Prefilled"]
