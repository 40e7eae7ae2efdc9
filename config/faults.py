"""What is right for each setting, said to the administrator who set it wrong."""

from domain.errors import InvalidInputError


def wrong_value(field: str, variable: str) -> InvalidInputError:
    """The sentence for a value of `field` that cannot be read; the value may be secret and stays out."""
    no_file = InvalidInputError("%(variable)s must name a file that is there.", variable=variable)
    sentences = {
        "database_url": InvalidInputError(
            "%(variable)s must be sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME.",
            variable=variable,
        ),
        "evidence_url": InvalidInputError(
            "%(variable)s must be a folder: a path or a file: address.", variable=variable
        ),
        "time_zone": InvalidInputError(
            "%(variable)s must be a time zone this machine knows, such as Asia/Shanghai.", variable=variable
        ),
        "language": InvalidInputError("%(variable)s must be zh_CN, en or empty.", variable=variable),
        "web_port": InvalidInputError(
            "%(variable)s must be a whole number from 0 to 65535.", variable=variable
        ),
        "web_url": InvalidInputError(
            "%(variable)s must be an http:// or https:// address with a host.", variable=variable
        ),
        "temporal_address": InvalidInputError("%(variable)s must be HOST:PORT.", variable=variable),
        "temporal_tls_cert": no_file,
        "temporal_tls_key": no_file,
        "temporal_tls_ca": no_file,
        "activity_threads": InvalidInputError(
            "%(variable)s must be a whole number from 1 to 256.", variable=variable
        ),
        "smtp_url": InvalidInputError(
            "%(variable)s must be smtp://USER:PASSWORD@HOST:PORT or the same with smtps://.",
            variable=variable,
        ),
        "mail_from": InvalidInputError("%(variable)s must be a mail address.", variable=variable),
        "mail_rate": InvalidInputError(
            "%(variable)s must be a number of mails a second, above 0 and up to 1000.", variable=variable
        ),
        "webhook_hosts": InvalidInputError(
            "%(variable)s must be hosts or HOST:PORT with commas between, without http:// and path.",
            variable=variable,
        ),
        "oidc_issuer": InvalidInputError(
            "%(variable)s must be an https address without query; plain http is for 127.0.0.1 alone.",
            variable=variable,
        ),
        "oidc_claim": InvalidInputError("%(variable)s must name a claim.", variable=variable),
    }
    return sentences.get(field) or InvalidInputError("%(variable)s must be a text.", variable=variable)
