"""Templates of pages that are one file, in the report's style."""

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template

from scenewise.counted import counted


def template(package: str, name: str) -> Template:
    """The template `name` of `package`, which may include the report's, such as its style.

    Text that it is given is escaped; a name that it is not given is an error.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("scenewise.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["counted"] = counted
    return environment.get_template(name)
