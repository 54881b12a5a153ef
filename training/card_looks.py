"""What a model card says of what the model looks at."""

from training.card import Grid, Picture, Section
from training.families import described
from training.importance import LookedAt

FOREMOST = 10


def looks_section(looked: LookedAt, pictures: tuple[Picture, ...]) -> Section:
    """Importance of the foremost columns in the catalogue's words, and the pictures of it."""
    words = (
        f"How far each column moves the model's margin, the log-odds that {looked.question}, before calibration: SHAP "
        f"values of {looked.explained}, drawn by the run's seed. It says what the model goes by, not what causes the "
        "outcome: columns that tell the same share what they move.",
        "In the pictures of dependence each dot is a row, in the colour of its stage where there are several; the dark "
        "line is the mean along the values, a dark bar the mean of a category, the pale bars where all later rows lie. "
        "1 % of the rows on either side lie beyond the drawing.",
    )
    places = looked.foremost(FOREMOST)
    lines = described(looked.columns[place] for place in places)
    rows = [
        (line.name, line.meaning, line.unit, f"{looked.importance[place]:.3f}", f"{looked.share[place]:.1%}")
        for line, place in zip(lines, places, strict=True)
    ]
    head = ("column", "what it is", "unit", "mean |contribution|, log-odds", "share")
    return Section("What it looks at", words, (), (Grid(head, tuple(rows), numbers_from=3),), pictures)
