"""One question each; the selectors know who may see what."""

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from tilmfg.accounts.roles import FACILITY_ROLES
from tilmfg.identity.selectors import order_of
from tilmfg.records.models import Event
from tilmfg.release.models import Lot
from tilmfg.release.selectors import LotRecord, lot_of
from tilmfg.release.selectors.listing import lots_visible_to

from . import paging, serializers


@extend_schema_view(get=extend_schema(parameters=[serializers.LotQuery]))
class Lots(ListAPIView):
    """The lots that the person may see, newest first."""

    queryset = Lot.objects.none()
    serializer_class = serializers.Lot
    pagination_class = paging.NewestFirst

    def get_queryset(self):
        asked = serializers.LotQuery(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        lots = lots_visible_to(self.request.user).filter(**asked.validated_data)
        return lots.select_related("order__site", "order__patient")


class OneLot(APIView):
    """One lot; a treatment site is told of its lots what its page tells."""

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


class OrderEvents(ListAPIView):
    """What happened under one order, in every room, oldest first."""

    queryset = Event.objects.none()
    serializer_class = serializers.Event
    pagination_class = paging.OldestFirst

    def get_queryset(self):
        order = order_of(self.request.user, self.kwargs["coi_id"])
        return Event.objects.filter(chain=order.chain).select_related("actor")
