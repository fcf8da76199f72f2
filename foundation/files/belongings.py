from foundation.accounts.belongings import moves
from foundation.files.models import StoredFile

BELONGINGS = (moves(StoredFile, "uploaded_by"),)
