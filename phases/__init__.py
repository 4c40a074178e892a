"""What is tested: one module a behaviour, and the sequences made of them."""
