"""What knows nothing of the product and could be lifted out tomorrow."""
