"""Why a sign-in did not work. The messages are for the person at the page."""


class SignInRefused(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class WrongPassword(SignInRefused):
    """Also raised for a name that nobody has: the answer must not tell which it was."""


class AccountClosed(SignInRefused):
    """The password was right, the account is not in use any more."""


class TooManyTries(SignInRefused):
    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds
