from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "foundation.ledger"
    label = "ledger"
    verbose_name = "记录"

    def ready(self) -> None:
        from foundation.accounts import belongings, personal_data
        from foundation.ledger.belongings import BELONGINGS
        from foundation.ledger.personal_data import KINDS

        personal_data.register(*KINDS)
        belongings.register(*BELONGINGS)
