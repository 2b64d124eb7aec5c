"""How a cluster is reached: contact points, TLS, credentials, Astra's bundle and its proxy."""
