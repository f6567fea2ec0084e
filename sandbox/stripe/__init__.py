"""
A Stripe for development: the calls that a shop makes, under ``/stripe``.

The books are in the database of the sandbox, beside Razorpay's and apart from them.
"""
