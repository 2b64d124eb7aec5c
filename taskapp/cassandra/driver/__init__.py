"""The driver's session: policies, prepared statements, the circuit breaker, metrics and tracing."""
