"""Commands: what an operator does from a shell, flask --help lists them."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app import production, rights
from app.accounts import accounts, passwords
from app.accounts.errors import AccountNotFound, EmailTaken
from app.catalog import seed
from app.catalog.models import Product
from app.config import Environment, Finding, load_settings, unsafe
from app.core import actors
from app.core.db import make_engine, transaction
from app.core.money import rupees
from app.core.problems import Problem
from app.core.redis_client import redis
from app.fulfilment.filters import Filters
from app.inventory import ledger, reconciler, stock
from app.inventory.terms import Booking
from app.orders.orders import TRANSITIONS
from app.payments.gateway import is_known
from app.transfers import exports, imports, tables
from app.treasury import audit, reconciliation

SHORTEST_PASSWORD = 10
CHECK = "check-production"


def init_app(app: Flask) -> None:
    """Register the commands."""
    for command in (
        plant_catalogue, create_admin, show_stock, check_stock, limit_purchases, check_money,
        reconcile_payments, import_file, export_file, reset_second_factor, grant_rights,
        check_production,
    ):  # fmt: skip
        app.cli.add_command(command)


class Command(click.Command):
    """A command; what it changes is written down as its own."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run it."""
        with actors.acting(f"command:{self.name}", address=actors.here()):
            return super().invoke(ctx)


@click.command("seed", cls=Command)
def plant_catalogue() -> None:
    """Write the demo catalogue and its first stock; what is there stays as it is."""
    with transaction() as session:
        units = seed.plant(session)
        received = [
            ledger.receive(session, sku, count, Booking("seed", "cli"))
            for sku, count in units.items()
            if count
        ]
    numbers = [number for number in received if number is not None]
    if numbers:
        ledger.show(redis(), numbers)
    click.echo(f"{len(units)} products, {len(numbers)} of them stocked just now.")


@click.command("create-admin", cls=Command)
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
    password_hash = passwords.hash_password(password)
    try:
        with transaction() as session:
            accounts.register(
                session, email=email.lower(), password_hash=password_hash, name=name, role="admin"
            )
    except EmailTaken as taken:
        raise click.ClickException(str(taken)) from None
    click.echo(f"{email.lower()} is an admin now.")


@click.command("reset-second-factor", cls=Command)
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Let somebody in by the password alone, who lost their phone; their sessions end."""
    try:
        with transaction() as session:
            user = accounts.of_email(session, email.lower())
            if user is None:
                raise AccountNotFound
            accounts.reset_second_factor(session, user.id, by=None)
    except Problem as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(f"{email.lower()} signs in by the password alone now.")


@click.command("grant-rights")
def grant_rights() -> None:
    """Give Postgres' roles their rights, as the owner (MIGRATION_DATABASE_URL); after migrating."""
    settings = load_settings()
    engine = make_engine(settings.migration_database_url or settings.database_url)
    try:
        with engine.begin() as connection:
            undeclared = rights.grant(connection)
    except rights.RolesMissingError as missing:
        raise click.ClickException(str(missing)) from None
    except DBAPIError as error:
        raise click.ClickException(str(error.orig).strip()) from None
    finally:
        engine.dispose()
    click.echo(
        f"{len(rights.RIGHTS)} tables: rights of {rights.APP} and {rights.READER} are given."
    )
    if undeclared:
        click.echo(f"Nothing is declared of, and nothing given on: {', '.join(undeclared)}.")


@click.command(CHECK)
def check_production() -> None:
    """Tell everything why production does not start, or should not; fails if there is any."""
    settings = load_settings(refuses_unsafe=False)
    found = [
        *unsafe(settings, os.environ),
        *production.of_servers(settings),
        *production.of_rights(),
    ]
    if settings.app_env is not Environment.PRODUCTION:
        found.insert(0, Finding("APP_ENV", f"is {settings.app_env}", "set it to production"))
    for finding in found:
        click.echo(str(finding))
    click.echo(f"{len(found)} findings.")
    if found:
        raise SystemExit(1)


@click.command("stock", cls=Command)
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


@click.command("check-stock", cls=Command)
@click.argument("skus", nargs=-1)
@click.option("--grace", default=5.0, show_default=True, help="Seconds between the two looks.")
@click.option("--repair", "is_repairing", is_flag=True, help="Repair and write down what is found.")
def check_stock(skus: tuple[str, ...], grace: float, *, is_repairing: bool) -> None:
    """
    Compare the ledger, on hand and Redis, of all products or of SKUS; fails where they differ.

    What differs only while a step is under way is not there at the second look.
    """
    longest_ms = load_settings().longest_reservation_seconds * 1000
    try:
        with transaction() as session:
            wanted = list(skus) or stock.page(session, is_low=False, limit=None, after=None)
            stock.require(session, wanted)
            first = reconciler.suspicions(session, redis(), wanted, longest_ms=longest_ms)
    except Problem as problem:
        raise click.ClickException(str(problem)) from None
    time.sleep(grace if first else 0)
    with transaction() as session:
        second = reconciler.suspicions(session, redis(), list(first), longest_ms=longest_ms)
    drifts = {s: sorted(set(names) & set(second.get(s, ()))) for s, names in first.items()}
    drifts = {sku: names for sku, names in drifts.items() if names}
    for sku, names in drifts.items():
        if is_repairing:
            reconciler.repair(redis(), sku, names, longest_ms=longest_ms)
        for name in names:
            click.echo(f"{sku}: {name}{' (repaired)' if is_repairing and name != 'ledger' else ''}")
    click.echo(f"{len(wanted)} products compared, {len(drifts)} of them differ.")
    if drifts:
        raise SystemExit(1)


@click.command("limit-purchases", cls=Command)
@click.argument("sku")
@click.argument("units", type=click.IntRange(0, 2**31 - 1))
def limit_purchases(sku: str, units: int) -> None:
    """Let each customer have up to UNITS of a product, what they have counted in; 0 is any."""
    try:
        stock.set_purchase_limit(redis(), sku, units)
    except Problem as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(f"{sku}: " + (f"{units} per customer." if units else "no limit."))


@click.command("check-money", cls=Command)
def check_money() -> None:
    """Add the money ledger up: what came is what went back and what is kept; fails otherwise."""
    with transaction() as session:
        totals = audit.totals(session)
        findings = audit.findings(session)
    line: Callable[..., str] = "{:<12} {:>18}".format
    for name in ("captured", "refunded", "lost", "kept", "unaccounted"):
        click.echo(line(name, rupees(getattr(totals, name))))
    for finding in findings:
        click.echo(f"{finding.kind}: {finding.subject} ({finding.detail})")
    click.echo(f"{len(findings)} findings.")
    if findings:
        raise SystemExit(1)


@click.command("reconcile-payments", cls=Command)
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--gateway", default="razorpay", show_default=True)
def reconcile_payments(day: datetime, gateway: str) -> None:
    """Compare a DAY in India with a gateway's books and put ours right; fails where they differ."""
    if not is_known(gateway):
        raise click.BadParameter("is none of the shop's gateways", param_hint="gateway")
    try:
        found = reconciliation.reconcile_day(gateway, day.date())
    except Problem as problem:
        raise click.ClickException(str(problem)) from None
    captured, at_gateway = rupees(found.captured), rupees(found.captured_at_gateway)
    click.echo(f"captured  {captured} here, {at_gateway} at {gateway}")
    refunded, at_gateway = rupees(found.refunded), rupees(found.refunded_at_gateway)
    click.echo(f"refunded  {refunded} here, {at_gateway} at {gateway}")
    for one in found.differences:
        repaired = " (repaired)" if one.is_repaired else ""
        click.echo(f"{one.kind}: {one.subject}: {one.ours} here, {one.theirs} there{repaired}")
    click.echo(f"{len(found.differences)} differences.")
    if found.differences:
        raise SystemExit(1)


@click.command("import", cls=Command)
@click.argument("kind", type=click.Choice(list(tables.KINDS)))
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Tell what would change.")
def import_file(kind: str, path: Path, *, is_dry_run: bool) -> None:
    """Import products or changes of stock from a CSV file: all of it, or nothing."""
    try:
        one = imports.hand_in(kind, path.read_bytes(), is_dry_run=is_dry_run, actor="cli")
    except Problem as problem:
        raise click.ClickException(problem.detail or str(problem)) from None
    imports.work(one.id, lambda done: click.echo(f"{done} of {one.rows} rows", err=True))
    with transaction() as session:
        ended = imports.find(session, one.id)
    for error in ended.errors:
        click.echo(f"row {error['row']}, {error['column'] or 'as a whole'}: {error['detail']}")
    if ended.status != "done":
        raise click.ClickException(f"Nothing was imported: {len(ended.errors)} errors.")
    told = ", ".join(f"{count} {what}" for what, count in sorted((ended.counts or {}).items()))
    click.echo(f"{'Would be: ' * is_dry_run}{told}.")


@click.command("export", cls=Command)
@click.argument("kind", type=click.Choice(exports.KINDS))
@click.option("--status", type=click.Choice(list(TRANSITIONS)), help="Orders of this status.")
@click.option("--since", type=click.DateTime(), help="Orders placed then or later, in UTC.")
@click.option("--until", type=click.DateTime(), help="Orders placed before then, in UTC.")
def export_file(
    kind: str, status: str | None, since: datetime | None, until: datetime | None
) -> None:
    """Export products, stock or orders as CSV, to standard output."""
    since, until = (moment and moment.replace(tzinfo=UTC) for moment in (since, until))
    if kind != "orders" and any((status, since, until)):
        raise click.UsageError("--status, --since and --until are for orders")
    for line in exports.export(kind, Filters(status=status, since=since, until=until)):
        click.echo(line, nl=False)
