"""`scenewise schema`: the JSON schemas of what programs read."""

from scenewise.cli.app import app, give
from scenewise.did_you_mean import did_you_mean
from scenewise.errors import ConfigError


@app.command(usage="Usage: scenewise schema [NAME]")
def schema(name: str | None = None, /) -> None:
    """Print the JSON schema of a result, for programs that read it; without NAME, list the schemas.

    Parameters
    ----------
    name
        Which result: metrics, events, table, or a command whose --json is meant.
    """
    from scenewise.schemas import SCHEMAS, schema_of

    if name is None:
        give({}, [f"{known:<10} {what}" for known, (what, _) in SCHEMAS.items()], as_json=False)
    elif name in SCHEMAS:
        give(schema_of(name), [], as_json=True)
    else:
        raise ConfigError(f"schema {name}: expected one of {', '.join(SCHEMAS)}{did_you_mean(name, SCHEMAS)}")
