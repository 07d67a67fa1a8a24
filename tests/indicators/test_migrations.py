"""The migrations of the indicators, as an operator runs them."""

from tests.databases import ServiceDatabase, database_fixture

bare = database_fixture("indicators", None)


def test_go_up_and_down_and_up_again_and_leave_what_the_models_say(bare: ServiceDatabase) -> None:
    for action in ("upgrade", "downgrade", "upgrade"):
        bare.migrate("komuna_indicators", action)

    assert "No new upgrade operations" in bare.migrate("komuna_indicators", "check").stdout
