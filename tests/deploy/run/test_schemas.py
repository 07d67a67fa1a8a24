"""Which schemas are migrated."""

from komuna_deploy.run import programs, schemas


class TestMark:
    def test_is_the_same_for_the_same_files(self) -> None:
        assert schemas._mark("komuna_registry") == schemas._mark("komuna_registry")

    def test_tells_the_packages_apart(self) -> None:
        packages = programs.migrated_packages().values()
        assert len({schemas._mark(package) for package in packages}) == len(packages)


class TestFolderOf:
    def test_finds_a_package_without_running_it(self) -> None:
        folder = programs.folder_of("komuna_referrals.keystore")
        assert folder is not None
        assert (folder / "migrations" / "env.py").exists()

    def test_finds_nothing_of_a_package_that_is_not_here(self) -> None:
        assert programs.folder_of("komuna_nothing") is None
