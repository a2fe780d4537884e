"""What listens on loopback while the benchmark runs, and knows nothing of what is measured."""
