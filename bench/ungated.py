"""The shop without its gate: whatever the server has threads for is worked at once."""

import gc

from app import create_app
from app.config import load_settings

app = create_app(load_settings())
gc.freeze()
