"""Files that an operator writes: YAML into a pydantic model, with the line of every mistake.

>>> from pydantic import BaseModel
>>> from sync.config import parse_config
>>> class Shop(BaseModel):
...     name: str
>>> parse_config("name: Pike Place", "shop.yaml", Shop).value.name
'Pike Place'
"""

from sync.config.file import CONFIG_BYTES_MAX, Config, parse_config, read_config
from sync.config.tree import Loc
from sync.config.watch import watched

__all__ = ["CONFIG_BYTES_MAX", "Config", "Loc", "parse_config", "read_config", "watched"]
