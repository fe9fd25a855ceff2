"""One question each; the selectors know who may see what."""

from http import HTTPStatus

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from tilmfg.accounts.roles import FACILITY_ROLES
from tilmfg.identity.selectors import order_of
from tilmfg.records.exports import tell_answer
from tilmfg.records.models import Event
from tilmfg.release.models import Lot
from tilmfg.release.selectors import LotRecord, lot_of
from tilmfg.release.selectors.listing import lots_visible_to
from tilmfg.validation.versions import running

from . import paging, serializers


class Recorded(APIView):
    """An answer leaves the house as a file does: on record before it is handed out."""

    kind = ""
    asked: tuple[str, ...] = ("cursor",)  # of the query; the rest of it is not looked at

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        if response.status_code == HTTPStatus.OK:
            response.add_post_render_callback(self.tell)
        return response

    def tell(self, response):
        query = self.request.query_params
        told = self.kwargs | {name: query[name] for name in self.asked if query.get(name)}
        rows = len(response.data["results"]) if "results" in response.data else 1
        tell_answer(self.request, response.content, kind=self.kind, asked=told, rows=rows)


@extend_schema_view(get=extend_schema(parameters=[serializers.LotQuery]))
class Lots(Recorded, ListAPIView):
    """The lots that the person may see, newest first."""

    kind, asked = "list of lots", ("state", "cursor")

    queryset = Lot.objects.none()
    serializer_class = serializers.Lot
    pagination_class = paging.NewestFirst

    def get_queryset(self):
        asked = serializers.LotQuery(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        lots = lots_visible_to(self.request.user).filter(**asked.validated_data)
        return lots.select_related("order__site", "order__patient")


class OneLot(Recorded):
    """One lot; a treatment site is told of its lots what its page tells."""

    kind = "lot"

    @extend_schema(
        responses=PolymorphicProxySerializer(
            component_name="LotForReader",
            serializers=[serializers.LotOfFacility, serializers.Lot],
            resource_type_field_name=None,
        )
    )
    def get(self, request, lot_number):
        lot = lot_of(request.user, lot_number)
        if not request.user.holds(*FACILITY_ROLES):
            return Response(serializers.Lot(lot).data)
        record = LotRecord(lot)
        told = {
            "order": lot.order,
            "state": lot.state,
            "evaluation": next(iter(record.evaluations), None),
            "blockers": record.blockers if record.is_open else [],
            "decisions": record.decisions,
        }
        return Response(serializers.LotOfFacility(told).data)


class OrderEvents(Recorded, ListAPIView):
    """What happened under one order, in every room, oldest first."""

    kind = "events of an order"

    queryset = Event.objects.none()
    serializer_class = serializers.Event
    pagination_class = paging.OldestFirst

    def get_queryset(self):
        order = order_of(self.request.user, self.kwargs["coi_id"])
        return Event.objects.filter(chain=order.chain).select_related("actor")


class About(APIView):
    """Which version runs here."""

    @extend_schema(responses=serializers.Version)
    def get(self, request):
        return Response(serializers.Version(running()).data)
