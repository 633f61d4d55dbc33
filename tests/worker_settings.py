"""Settings of a worker whose tasks may take two seconds only, so that tests need not wait long."""

from tests.settings import *  # noqa: F403
from tests.settings import Q_CLUSTER

Q_CLUSTER = {**Q_CLUSTER, "timeout": 2, "retry": 15}
