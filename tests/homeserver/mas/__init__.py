"""Owns a recorded Matrix Authentication Service: a reverse proxy that answers for MAS and passes the rest on to a real Synapse.

Every answer was measured on MAS 1.22. Every token is one that Synapse gave.
"""
