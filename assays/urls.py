from django.urls import path

from .views import home, imports, investigations, results, runs

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
    path("results/<int:pk>/review", results.result_review, name="result_review"),
    path("investigations/<str:number>/", investigations.investigation, name="investigation"),
    path("investigations/<str:number>/conclude", investigations.conclude, name="investigation_conclude"),
]
