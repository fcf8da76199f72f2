"""Why a file was not taken. The message is for the person who sent it."""


class FileRefused(Exception):
    """`message` says in Chinese what is wrong and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
