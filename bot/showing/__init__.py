"""From a wish to what is said: pure. The sentences are short, warm and plain; they never blame, never promise."""
