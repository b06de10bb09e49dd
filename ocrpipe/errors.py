"""Mistakes of the operator. Trouble with a scan is a value, `records.Failure`, and becomes a row.

Every class owns its exit code; the command line turns it into the process's status at one place.
"""


class OcrpipeError(Exception):
    """Base of all errors that a user can mend; the message names the file and the cure."""

    exit_code = 1


class UsageError(OcrpipeError):
    """A setting, template, model or argument is not valid."""

    exit_code = 2


class NoInputError(OcrpipeError):
    """SOURCE matches nothing that could be read."""

    exit_code = 3


class OutputError(OcrpipeError):
    """The output cannot be written."""

    exit_code = 5


class BusyError(OcrpipeError):
    """Another run is at work on the same output."""

    exit_code = 6


class Interrupted(OcrpipeError):
    """Somebody asked the run to stop; what was read is safe."""

    exit_code = 130


EXIT_SOME_INPUTS_FAILED = 4
