"""A community that is made up: seeded people around the real core, to compare ways of finding somebody who answers."""
