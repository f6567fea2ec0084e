"""What a shopper sees before buying: products with what is available of them, and the cart."""
