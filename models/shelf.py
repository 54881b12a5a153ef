"""The home's models as they are taken off the shelf: the champion, or a version; only for data they were made for."""

from dataclasses import dataclass, replace
from pathlib import Path

from domain.errors import NotThere, WrongModel
from domain.predictions import ModelName
from features.frame import catalogue_hash
from models.artifact import Provenance, load_model, read_provenance
from models.model import Model
from models.severity import Severity
from models.update import Update
from store.current import InService, copy_of, folder_hash, in_service, is_whole, kept_hash, vouch
from store.dataset import Dataset
from store.updates import hash_of, kept_update, label


@dataclass(frozen=True)
class OnShelf:
    """A loaded model and how the registry names it.

    ``sha256`` is of its folder. With an update ``version`` is that of the sub-version, such as ``3+1a2b3c4d``,
    ``sha256`` is of the update, which names the folder's, and the provenance ends at the update's moment.
    """

    name: str
    version: str
    sha256: str
    model: Model
    provenance: Provenance

    def asked_of(self, dataset: Dataset) -> Dataset:
        """The data set as its features saw it in training: past impacts counted by the thresholds of then."""
        return dataset.cut_at(self.provenance.thresholds or dataset.manifest.severity.thresholds)


def registered_name(dataset: Dataset, model: ModelName) -> str:
    """Name in the registry: ``<data set name>.<model>``."""
    return f"{dataset.manifest.name}.{model}"


class Shelf:
    """Models of a data set in a home, as they were in service when this was made.

    What is in service is read once: whoever takes several models, or one both as trained and with its update, gets
    what was in service together, whoever promotes or updates meanwhile.
    """

    def __init__(self, home: Path, dataset: Dataset) -> None:
        self.home, self.dataset = home, dataset
        self.served = in_service(home)

    def champion(self, model: ModelName) -> InService:
        """What of a model is in service.

        Raises
        ------
        NotThere
            If nothing is.
        """
        name = registered_name(self.dataset, model)
        if name not in self.served:
            raise NotThere(f"there is no model {name} in {self.home}; run `lanewise train {self.dataset.folder}`")
        return self.served[name]

    def provenance(self, model: ModelName) -> Provenance:
        """What the champion was made from, also where this code cannot ask it.

        Raises
        ------
        NotThere
            If there is none.
        WrongModel
            If its files were changed.
        """
        name, champion = registered_name(self.dataset, model), self.champion(model)
        folder = copy_of(self.home, name, champion.version)
        self._vouched(name, champion.version, folder)
        return read_provenance(folder)

    def take(self, model: ModelName, version: str | None = None, updated: bool = True) -> OnShelf:
        """Load a version of a model, by default the champion with its update in service.

        Parameters
        ----------
        version
            Such as ``3``, which is the model as trained, or ``3+1a2b3c4d``.
        updated
            Without it the champion comes as it was trained.

        Raises
        ------
        NotThere
            If there is no such version, or no champion yet.
        WrongModel
            If it was made for another data set or with other feature definitions, or its files were changed.
        """
        name = registered_name(self.dataset, model)
        if version is None:
            champion = self.champion(model)
            version = label(champion.version, champion.update if updated else "")
        chosen, _, update = version.partition("+")
        folder = copy_of(self.home, name, chosen)
        sha256 = self._vouched(name, chosen, folder)
        loaded, provenance = load_model(folder)
        _check(name, chosen, self.dataset, provenance)
        taken = OnShelf(name, chosen, sha256, cut_at(loaded, self.dataset.manifest.severity.thresholds), provenance)
        return _updated(self.home, taken, update) if update else taken

    def _vouched(self, name: str, version: str, folder: Path) -> str:
        """Hash of a version's files, which is the one that was registered.

        In service says it of the champion, and the home beside its copy of any other; where neither does, as of
        versions that were registered before the home kept hashes, only the registry could.
        """
        champion = self.served.get(name)
        said = champion.sha256 if champion and champion.version == version else kept_hash(self.home, name, version)
        if not said:
            return folder_hash(folder)
        vouch(folder, name, version, said)
        return said


def take(home: Path, dataset: Dataset, model: ModelName, version: str | None = None, updated: bool = True) -> OnShelf:
    """Load one model of a data set; see :meth:`Shelf.take`."""
    return Shelf(home, dataset).take(model, version, updated)


def take_all(home: Path, dataset: Dataset) -> tuple[dict[ModelName, OnShelf], dict[ModelName, str]]:
    """Champions of a data set, and for each model without one the reason."""
    shelf = Shelf(home, dataset)
    found: dict[ModelName, OnShelf] = {}
    missing: dict[ModelName, str] = {}
    for model in ModelName:
        try:
            found[model] = shelf.take(model)
        except (NotThere, WrongModel) as reason:
            missing[model] = str(reason)
    return found, missing


def _updated(home: Path, taken: OnShelf, update: str) -> OnShelf:
    """A version with what was learned since it was trained."""
    content = kept_update(home, taken.name, taken.version, update)
    learned = Update.from_bytes(content)
    if learned.sha256 != taken.sha256 and not is_whole(copy_of(home, taken.name, taken.version), learned.sha256):
        raise WrongModel(
            f"the update {label(taken.version, update)} was made for other files than {taken.name} {taken.version} has"
        )
    return replace(
        taken,
        version=label(taken.version, hash_of(content)),
        sha256=hash_of(content),
        model=learned.applied(taken.model),
        provenance=replace(taken.provenance, trained_until=learned.as_of),
    )


def cut_at(model: Model, thresholds: tuple[float, ...]) -> Model:
    """The model with classes of severity cut at ``thresholds``, where it has classes and there are any."""
    return model.with_thresholds(thresholds) if isinstance(model, Severity) and thresholds else model


def _check(name: str, version: str, dataset: Dataset, provenance: Provenance) -> None:
    if provenance.dataset != dataset.manifest.name:
        raise WrongModel(f"{name} {version} was trained on {provenance.dataset}, not on {dataset.manifest.name}")
    if provenance.catalogue != catalogue_hash():
        raise WrongModel(
            f"{name} {version} was trained with other feature definitions than this code has; its own code, "
            f"{provenance.code_version}, can ask it. For this code run `lanewise train {dataset.folder}` and "
            "`lanewise compare`, then have the new version promoted (`lanewise promote`, two people)"
        )
