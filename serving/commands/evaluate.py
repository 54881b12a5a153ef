"""``lanewise evaluate`` and ``lanewise compare``: how good versions are on later data."""

from serving.commands.opening import made_registry
from serving.commands.options import Begin, Data, Home, Json, Model, Version
from serving.commands.report import Report, progress


def evaluate(
    data: Data,
    model: Model,
    version: Version = None,
    begin: Begin = None,
    home: Home = None,
    json_file: Json = None,
) -> None:
    """Measure a model on DIR, with bootstrap intervals, by stage and slice.

    By default the champion, on subjects from where its training ended.
    """
    from store.dataset import open_dataset
    from training.evaluation import evaluate as measure

    assert home is not None
    report = Report(json_file)
    dataset = open_dataset(data)
    progress(f"evaluating {model}")
    found = measure(dataset, home, model, None if version is None else str(version), begin)
    report.show(found.summary(), found.as_json())


def compare(data: Data, model: Model, home: Home = None, json_file: Json = None) -> None:
    """Compare challenger and champion on the same later subjects of DIR, paired.

    What is found is kept with the challenger, and `lanewise promote` looks at it.
    """
    from store.dataset import open_dataset
    from store.lock import home_lock

    assert home is not None
    report = Report(json_file)
    dataset = open_dataset(data)
    registry = made_registry(home)
    from training.evaluation import compare as measure
    from training.evidence import TAG

    progress(f"comparing versions of {model}")
    found = measure(dataset, registry, model)
    report.show(found.summary(), found.as_json())
    with home_lock(home):
        registry.tag(found.challenger.name, found.challenger.version, {TAG: found.evidence.as_tag()})
