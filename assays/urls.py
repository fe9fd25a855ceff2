from django.urls import path

from .views import home, imports, investigations, methods, results, runs

urlpatterns = [
    path("", home.laboratory, name="laboratory"),
    path("samples/", home.samples, name="samples"),
    path("samples/receive", home.sample_receive, name="sample_receive"),
    path("samples/<str:name>", home.sample, name="sample"),
    path("samples/<str:name>/results/<str:attribute>", results.result_new, name="result_new"),
    path("import", imports.import_file, name="import"),
    path("files/<int:pk>", imports.import_preview, name="import_preview"),
    path("files/<int:pk>/check", imports.import_check, name="import_check"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<int:pk>", runs.run, name="run"),
    path("runs/<int:pk>/progress", runs.run_progress, name="run_progress"),
    path("runs/<int:pk>/mask", runs.run_mask, name="run_mask"),
    path("runs/<int:pk>/recalculate", runs.run_recalculate, name="run_recalculate"),
    path("runs/<int:pk>/report.pdf", runs.run_report, name="run_report"),
    path("runs/<int:pk>/review", runs.run_review, name="run_review"),
    path("methods/", methods.methods, name="methods"),
    path("methods/new/", methods.method_new, name="method_new"),
    path("methods/<slug:code>/<int:version>/", methods.method_version, name="method_version"),
    path("methods/<slug:code>/<int:before>/to/<int:after>/", methods.method_changes, name="method_changes"),
    path("methods/<slug:code>/<int:version>/redraft", methods.method_redraft, name="method_redraft"),
    path("methods/<slug:code>/<int:version>/edit", methods.method_edit, name="method_edit"),
    path("methods/<slug:code>/<int:version>/layout", methods.method_layout, name="method_layout"),
    path(
        "methods/<slug:code>/<int:version>/layout/check",
        methods.method_layout_check,
        name="method_layout_check",
    ),
    path(
        "methods/<slug:code>/<int:version>/layout/<str:form>.csv",
        methods.method_layout_file,
        name="method_layout_file",
    ),
    path("methods/<slug:code>/<int:version>/discard", methods.method_discard, name="method_discard"),
    path("methods/<slug:code>/<int:version>/approve", methods.method_approve, name="method_approve"),
    path("methods/<slug:code>/<int:version>/withdraw", methods.method_withdraw, name="method_withdraw"),
    path("results/<int:pk>/review", results.result_review, name="result_review"),
    path("investigations/<str:number>/", investigations.investigation, name="investigation"),
    path("investigations/<str:number>/conclude", investigations.conclude, name="investigation_conclude"),
]
