"""What can be refused here. The messages are for the person at the page."""


class AccountsError(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SignInRefused(AccountsError):
    pass


class WrongPassword(SignInRefused):
    """Also raised for a name that nobody has: the answer must not tell which it was."""


class WrongCode(SignInRefused):
    """A code or link that does not fit, is used up or has expired; the answer does not tell which."""


class AccountClosed(SignInRefused):
    """The password was right, the account is not in use any more."""


class WaitedTooLong(SignInRefused):
    """The second step came too late after the first, or without it."""


class TooManyTries(SignInRefused):
    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class NotPossible(AccountsError):
    """Nobody may do this to an account."""
