"""The inbox: what Razorpay tells, stored before it is answered, worked afterwards."""
