"""The only user of the Temporal client: embedded server, relay, reconciler, mailer."""
