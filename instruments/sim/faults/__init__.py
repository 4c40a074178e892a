"""What breaks, and when: a fault plan acts on the k-th call of a simulated bench."""
