"""Reads for a surface (a home tab, a form, a page): each checks who looks, and gives values of the core."""

from bot.lookups.lookups import CrisisFound, Lookups
from bot.lookups.own import Burden, MyQuestions
from bot.lookups.saving import Prefilled
from bot.lookups.waiting import InReview, OnBoard

__all__ = ["Burden", "CrisisFound", "InReview", "Lookups", "MyQuestions", "OnBoard", "Prefilled"]
