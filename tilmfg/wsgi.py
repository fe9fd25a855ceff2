import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tilmfg.settings")

application = get_wsgi_application()

from tilmfg.validation.versions import running  # noqa: E402 (Django is set up now)

running()  # what this process was started from, whatever lies here later
