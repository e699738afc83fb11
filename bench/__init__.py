"""What measures speed, scale and matching quality. Every figure is a ratio, or stands beside what it is compared with,
measured in one run: machines differ."""
