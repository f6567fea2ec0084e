"""Commands: flask seed, create-admin and stock."""

from collections.abc import Callable

import click
from flask import Flask
from sqlalchemy import select

from app.accounts import accounts
from app.accounts.errors import EmailTaken
from app.catalog import seed
from app.catalog.models import Product
from app.core.db import transaction
from app.core.problems import Problem
from app.core.redis_client import redis
from app.inventory import stock

SHORTEST_PASSWORD = 10


def init_app(app: Flask) -> None:
    """Register the commands."""
    for command in (plant_catalogue, create_admin, show_stock):
        app.cli.add_command(command)


@click.command("seed")
def plant_catalogue() -> None:
    """Write the demo catalogue and its first stock; what is there stays as it is."""
    with transaction() as session:
        units = seed.plant(session)
        received = [
            stock.receive(session, sku, count, reference=f"seed:{sku}", actor="cli")
            for sku, count in units.items()
            if count
        ]
    numbers = [number for number in received if number is not None]
    if numbers:
        stock.show(redis(), numbers)
    click.echo(f"{len(units)} products, {len(numbers)} of them stocked just now.")


@click.command("create-admin")
@click.argument("email")
@click.option("--name", default="Admin", show_default=True)
@click.password_option(help="At least 10 characters.")
def create_admin(email: str, name: str, password: str) -> None:
    """Make an account with the role admin."""
    if len(password) < SHORTEST_PASSWORD:
        raise click.BadParameter(
            f"use at least {SHORTEST_PASSWORD} characters", param_hint="password"
        )
    if "@" not in email:
        raise click.BadParameter("is not a mail address", param_hint="email")
    password_hash = accounts.hash_password(password)
    try:
        with transaction() as session:
            accounts.register(
                session, email=email.lower(), password_hash=password_hash, name=name, role="admin"
            )
    except EmailTaken as taken:
        raise click.ClickException(str(taken)) from None
    click.echo(f"{email.lower()} is an admin now.")


@click.command("stock")
@click.argument("skus", nargs=-1)
def show_stock(skus: tuple[str, ...]) -> None:
    """Show what is on hand, reserved, committed and available, of all products or of SKUS."""
    with transaction() as session:
        query = select(Product.sku, Product.name, Product.stock_quantity).order_by(Product.sku)
        rows = session.execute(query.where(Product.sku.in_(skus)) if skus else query).all()
    missing = sorted(set(skus) - {row.sku for row in rows})
    if missing:
        raise click.ClickException(f"There is no product {', '.join(missing)}.")
    try:
        levels = stock.levels(redis(), [row.sku for row in rows])
    except Problem as problem:
        raise click.ClickException(str(problem)) from None
    line: Callable[..., str] = "{:<18} {:>8} {:>9} {:>10} {:>10} {:>9}  {}".format
    click.echo(line("SKU", "on hand", "reserved", "committed", "available", "Postgres", "name"))
    for sku, name, quantity in rows:
        level = levels[sku]
        numbers = level.on_hand, level.reserved, level.committed, level.available
        click.echo(line(sku, *numbers, quantity, name))
