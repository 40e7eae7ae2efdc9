"""Runs the migrations on the connection it is given (`store.schema.migrate`)."""

from alembic import context
from sqlmodel import SQLModel

import models.api
import models.counters
import models.directive
import models.engine
import models.oidc
import models.organisation
import models.paper
import models.rectification
import models.sign_in
import models.unit_task
import models.webhooks  # noqa: F401 -- the tables register themselves

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
