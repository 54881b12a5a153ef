"""The one ASGI application: ``/v1``, probes, metrics, OpenAPI document and pages, one file a resource."""
