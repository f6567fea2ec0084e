from typing import Literal

MoneyCurrency = Literal["INR"]

MONEY_CURRENCY_VALUES: set[MoneyCurrency] = {
    "INR",
}


def check_money_currency(value: str) -> MoneyCurrency:
    if value in MONEY_CURRENCY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {MONEY_CURRENCY_VALUES!r}")
