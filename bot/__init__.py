"""The core: what should happen, in the community's words. Knows no platform, no SQL, no clock."""
