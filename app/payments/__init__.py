"""Payments: money in and out, by way of Razorpay."""
