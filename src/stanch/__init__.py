"""stanch: an autonomous first responder for AWS that contains reversibly and tells a person why."""

__version__ = "0.1.0"
