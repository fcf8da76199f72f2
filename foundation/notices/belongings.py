from foundation.accounts.belongings import moves
from foundation.notices.models import Notice

BELONGINGS = (moves(Notice, "recipient"),)
