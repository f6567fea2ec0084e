"""
Make up the secrets that compose.yaml asks for: python deploy/secrets_file.py > .env.compose.

Each run makes others. Keep the file: Postgres knows its passwords from the first start on.
"""

import secrets

# By name, and what a gateway's own would begin with.
SECRETS = {
    "SECRET_KEY": "",
    "METRICS_TOKEN": "",
    "RAZORPAY_KEY_ID": "rzp_test_",
    "RAZORPAY_KEY_SECRET": "",
    "RAZORPAY_WEBHOOK_SECRET": "",
    "POSTGRES_ADMIN_PASSWORD": "",
    "POSTGRES_OWNER_PASSWORD": "",
    "POSTGRES_APP_PASSWORD": "",
    "POSTGRES_READ_PASSWORD": "",
    "REDIS_ADMIN_PASSWORD": "",
    "STOCK_REDIS_PASSWORD": "",
    "QUEUE_REDIS_PASSWORD": "",
    "GRAFANA_ADMIN_PASSWORD": "",
}


def main() -> None:
    """Print them; they need quoting neither in a URL nor in the file."""
    for name, beginning in SECRETS.items():
        print(f"{name}={beginning}{secrets.token_hex(24)}")


if __name__ == "__main__":
    main()
