"""What the process logs, as text for people or JSON for machines."""

import logging
import sys

import structlog

from testbed.config import Log


def start(settings: Log) -> None:
    """Send this process's log to standard error from the level on."""
    level = logging.getLevelNamesMapping()[settings.level]
    render = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    _catch_libraries(level, shared, render)


def _catch_libraries(
    level: int, shared: list[structlog.typing.Processor], render: structlog.typing.Processor
) -> None:
    """Give the logs of libraries the same shape; their chatter below WARNING is left out."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processor=render, foreign_pre_chain=shared)
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
