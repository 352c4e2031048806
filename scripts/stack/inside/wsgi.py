"""What gunicorn serves: the CKAN of the configuration file that STACK_INI names. Runs in CKAN's own environment."""

from __future__ import annotations

import os
from logging.config import fileConfig

from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app

fileConfig(os.environ["STACK_INI"], disable_existing_loggers=False)
application = make_app(CKANConfigLoader(os.environ["STACK_INI"]).get_config())
