"""What every chat platform shows besides what is delivered: forms with what stands in them, somebody's own page."""
