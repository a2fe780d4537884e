"""What a user would use instead of the module, each doing the same requests."""
