"""Everything a user can get wrong, as one hierarchy.

    ScenewiseError            one clear line: what was expected, what came, what to do; exit code 2
    ├── ConfigError           a flag, a key or a combination of them
    ├── DataError             a data set, its labels, its layout
    │   └── VideoError        one video that cannot be read; names the file
    ├── EncoderError          weights missing, a model file that is not an image encoder
    ├── PlugInError           a plugged-in class that does not do what its interface says
    ├── FingerprintError      features made by another encoder than the run was trained on
    ├── IntegrityError        a file of ours that is missing, changed, or from a newer version
    └── PartlyDoneError       some of several videos were done, and some failed; exit code 3

Any other exception is a fault of ours: a traceback and exit code 1.
"""


class ScenewiseError(Exception):
    """A user's mistake or a broken input, described in one line. Commands exit with code 2."""


class ConfigError(ScenewiseError):
    """A flag, a configuration key, or a combination of them that is not valid."""


class DataError(ScenewiseError):
    """A data set, a labels file or a layout that does not have the expected form."""


class VideoError(DataError):
    """One video that cannot be read. The message names the file."""


class EncoderError(ScenewiseError):
    """An encoder that cannot be loaded, or that cannot do what it is asked to do."""


class PlugInError(ScenewiseError):
    """A plugged-in method or figure that does not do what its interface says."""


class FingerprintError(ScenewiseError):
    """Features come from another encoder, or another preprocessing, than the run was trained on."""


class IntegrityError(ScenewiseError):
    """A file that Scenewise wrote is missing, was changed, or comes from a newer version."""


class PartlyDoneError(ScenewiseError):
    """Some of several videos could not be read; the others are done. Commands exit with code 3."""
