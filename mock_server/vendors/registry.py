"""All vendors that this server speaks as. The first one is meant where none is named."""

from mock_server.vendors.flowella import FLOWELLA
from mock_server.vendors.flowiq import FLOWIQ

DIALECTS = (FLOWELLA, FLOWIQ)
