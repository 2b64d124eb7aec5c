"""How a process authenticates itself, and verifies that it talks to the right nodes."""

import ssl

from cassandra.auth import PlainTextAuthProvider

from taskapp.settings import BadSettings, Settings


def auth_provider(settings: Settings) -> PlainTextAuthProvider | None:
    """Log in with role and password, if a role is set; at Astra, with the token or the client secret."""
    if settings.astra:
        return PlainTextAuthProvider(settings.astra_db_client_id, settings.astra_db_client_secret)
    if not settings.cassandra_username:
        return None
    return PlainTextAuthProvider(settings.cassandra_username, settings.cassandra_password)


def ssl_context(settings: Settings) -> ssl.SSLContext | None:
    """Encrypt, and verify certificate and host name, when TLS is on.

    The driver checks the certificate against the address it connects to, and knows all nodes except the contact points
    only by IP address: a node's certificate must name its IP address.

    :raise BadSettings: names the file that cannot be used
    """
    if not settings.cassandra_tls:
        return None
    context = _of_authority(settings.cassandra_ca_file)
    if settings.cassandra_cert_file:
        load_client(context, settings.cassandra_cert_file, settings.cassandra_key_file or None,
                    "TASKAPP_CASSANDRA_CERT_FILE, TASKAPP_CASSANDRA_KEY_FILE")
    return context


def _of_authority(file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=file or None)
    except OSError as error:
        raise BadSettings(f"TASKAPP_CASSANDRA_CA_FILE: {file}: {why(error)}") from error


def load_client(context: ssl.SSLContext, certificate: str, key: str | None, variables: str) -> None:
    """Load the client's certificate and key, two PEM files, into a context.

    :raise BadSettings: names ``variables``, whose files cannot be read, or do not match
    """
    try:
        # Without a password, OpenSSL would prompt on the terminal for that of an encrypted key.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        raise BadSettings(f"{variables}: {why(error)}") from error


def why(error: Exception) -> str:
    """Say in a few words why a certificate or key file cannot be used."""
    reason = getattr(error, "reason", None)
    if reason == "KEY_VALUES_MISMATCH":
        return "the key is not that of the certificate"
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        return error.strerror or str(error)
    return f"not a PEM file that can be used ({reason or error})"
