"""Design tokens: every colour, size and gap the views may use, and the Flet themes made of them.

Colours are names of the theme's colour scheme, so a control follows light and dark by itself; a
view never names a hex value. Weights are families of their own because one font file is one family.
"""

from __future__ import annotations

from typing import Final

import flet as ft

from app.palette import DARK, LIGHT, Palette

# Colours by what they say, each a slot of the scheme that `_scheme` fills.
PAPER: Final = ft.Colors.SURFACE
CARD: Final = ft.Colors.SURFACE_CONTAINER_LOWEST
RAISED: Final = ft.Colors.SURFACE_CONTAINER_LOW
SUNKEN: Final = ft.Colors.SURFACE_CONTAINER
INK: Final = ft.Colors.ON_SURFACE
MUTED: Final = ft.Colors.ON_SURFACE_VARIANT
LINE: Final = ft.Colors.OUTLINE_VARIANT
EDGE: Final = ft.Colors.OUTLINE
BRAND: Final = ft.Colors.PRIMARY
ON_BRAND: Final = ft.Colors.ON_PRIMARY
BRAND_SOFT: Final = ft.Colors.PRIMARY_CONTAINER
ON_BRAND_SOFT: Final = ft.Colors.ON_PRIMARY_CONTAINER
SIGN: Final = ft.Colors.SECONDARY
ON_SIGN: Final = ft.Colors.ON_SECONDARY
INFO: Final = ft.Colors.TERTIARY
INFO_SOFT: Final = ft.Colors.TERTIARY_CONTAINER
ON_INFO_SOFT: Final = ft.Colors.ON_TERTIARY_CONTAINER
OK: Final = ft.Colors.PRIMARY_FIXED
OK_SOFT: Final = ft.Colors.PRIMARY_FIXED_DIM
WARN: Final = ft.Colors.SECONDARY_FIXED
WARN_SOFT: Final = ft.Colors.SECONDARY_FIXED_DIM
BAD: Final = ft.Colors.ERROR
ON_BAD: Final = ft.Colors.ON_ERROR
BAD_SOFT: Final = ft.Colors.ERROR_CONTAINER
ON_BAD_SOFT: Final = ft.Colors.ON_ERROR_CONTAINER

# Gaps and sizes in dp.
GAP_XS: Final = 4
GAP_S: Final = 8
GAP_M: Final = 12
GAP_L: Final = 16
GAP_XL: Final = 24
GAP_XXL: Final = 40
RADIUS_S: Final = 6
RADIUS_M: Final = 12
RADIUS_L: Final = 20
TARGET: Final = 48
"""Least height and width of anything one can press."""
TARGET_PRIMARY: Final = 56
KEY: Final = 60
ICON: Final = 24
READ_WIDTH_MAX: Final = 760
"""Wider columns of text and rows are tiring to read."""
SHEET_WIDTH_MAX: Final = 480
LIST_WIDTH: Final = 420
"""Of a list beside its detail."""
RAIL_WIDTH: Final = 96
WIDE_DP: Final = 840
"""From this width on the navigation is a rail."""
TWO_PANE_DP: Final = 1_000
"""From this width on a list and its detail stand side by side."""

REGULAR: Final = "Barlow"
MEDIUM: Final = "Barlow Medium"
SEMI: Final = "Barlow SemiBold"
BOLD: Final = "Barlow Bold"
SIGNAGE: Final = "Barlow Semi Condensed Bold"
MONO: Final = "IBM Plex Mono"
FONTS: Final = {
    REGULAR: "fonts/Barlow-Regular.ttf",
    MEDIUM: "fonts/Barlow-Medium.ttf",
    SEMI: "fonts/Barlow-SemiBold.ttf",
    BOLD: "fonts/Barlow-Bold.ttf",
    SIGNAGE: "fonts/BarlowSemiCondensed-Bold.ttf",
    MONO: "fonts/IBMPlexMono-Regular.ttf",
}
_FALLBACK: Final = ["Roboto"]


def style(size: int, family: str, height: float, colour: str = INK) -> ft.TextStyle:
    """A text style; ``height`` is the line height as a multiple of the size.

    The colour is always set: Flutter paints text without one black, in the dark too.
    """
    return ft.TextStyle(
        size=size,
        font_family=family,
        font_family_fallback=_FALLBACK,
        height=height,
        letter_spacing=0,
        weight=ft.FontWeight.W_400,
        color=colour,
    )


DISPLAY: Final = style(40, SIGNAGE, 1.05)
FIGURE: Final = style(32, SIGNAGE, 1.05)
TITLE: Final = style(26, BOLD, 1.15)
HEADING: Final = style(20, SEMI, 1.25)
ROW_TITLE: Final = style(17, SEMI, 1.25)
BODY: Final = style(16, MEDIUM, 1.4)
BODY_STRONG: Final = style(16, SEMI, 1.4)
LABEL: Final = style(14, MEDIUM, 1.3)
OVERLINE: Final = style(13, SEMI, 1.3)
CODE: Final = style(14, MONO, 1.45)
"""Statements and what they answer."""
CODE_LETTER_WIDTH: Final = 8.4
"""Of every letter of ``CODE``: six tenths of its size."""


def theme(palette: Palette) -> ft.Theme:
    """The Flet theme of one brightness."""
    return ft.Theme(
        font_family=REGULAR,
        color_scheme=_scheme(palette),
        scaffold_bgcolor=palette.paper,
        text_theme=_texts(),
        filled_button_theme=ft.FilledButtonTheme(style=_button()),
        outlined_button_theme=ft.OutlinedButtonTheme(
            style=_button(side=ft.BorderSide(1.5, palette.edge))
        ),
        text_button_theme=ft.TextButtonTheme(style=_button(padding=GAP_M)),
        navigation_bar_theme=_bar(palette),
        navigation_rail_theme=_rail(palette),
        snackbar_theme=ft.SnackBarTheme(
            bgcolor=palette.inverse,
            content_text_style=style(16, MEDIUM, 1.35, palette.on_inverse),
            action_text_color=palette.inverse_brand,
            shape=ft.RoundedRectangleBorder(radius=RADIUS_M),
        ),
        divider_theme=ft.DividerTheme(color=palette.line, thickness=1, space=1),
        bottom_sheet_theme=ft.BottomSheetTheme(bgcolor=palette.card),
        dialog_theme=ft.DialogTheme(
            bgcolor=palette.card, shape=ft.RoundedRectangleBorder(radius=RADIUS_L)
        ),
        tooltip_theme=ft.TooltipTheme(wait_duration=400),
        page_transitions=_NO_TRANSITIONS,
    )


def apply(page: ft.Page) -> None:
    """Give a page the fonts and both themes; which one shows is the system's choice."""
    page.fonts = dict(FONTS)
    page.theme = theme(LIGHT)
    page.dark_theme = theme(DARK)
    page.theme_mode = ft.ThemeMode.SYSTEM
    page.padding = 0


_NO_TRANSITIONS = ft.PageTransitionsTheme(
    linux=ft.PageTransitionTheme.NONE,
    macos=ft.PageTransitionTheme.NONE,
    windows=ft.PageTransitionTheme.NONE,
)


def _scheme(palette: Palette) -> ft.ColorScheme:
    return ft.ColorScheme(
        primary=palette.brand,
        on_primary=palette.on_brand,
        primary_container=palette.brand_soft,
        on_primary_container=palette.on_brand_soft,
        secondary=palette.sign,
        on_secondary=palette.on_sign,
        secondary_container=palette.brand_soft,
        on_secondary_container=palette.on_brand_soft,
        tertiary=palette.info,
        on_tertiary=palette.paper,
        tertiary_container=palette.info_soft,
        on_tertiary_container=palette.on_info_soft,
        error=palette.bad,
        on_error=palette.on_bad,
        error_container=palette.bad_soft,
        on_error_container=palette.on_bad_soft,
        surface=palette.paper,
        on_surface=palette.ink,
        on_surface_variant=palette.muted,
        surface_container_lowest=palette.card,
        surface_container_low=palette.raised,
        surface_container=palette.sunken,
        surface_container_high=palette.sunken,
        surface_container_highest=palette.sunken,
        outline=palette.edge,
        outline_variant=palette.line,
        inverse_surface=palette.inverse,
        on_inverse_surface=palette.on_inverse,
        inverse_primary=palette.inverse_brand,
        primary_fixed=palette.ok,
        primary_fixed_dim=palette.ok_soft,
        secondary_fixed=palette.warn,
        secondary_fixed_dim=palette.warn_soft,
        surface_tint=ft.Colors.TRANSPARENT,
        shadow="#000000",
        scrim="#000000",
    )


def _texts() -> ft.TextTheme:
    return ft.TextTheme(
        body_large=BODY,
        body_medium=BODY,
        body_small=LABEL,
        label_large=style(16, SEMI, 1.25),
        label_medium=style(14, SEMI, 1.25),
        label_small=LABEL,
        title_large=HEADING,
        title_medium=ROW_TITLE,
        title_small=BODY_STRONG,
        headline_small=TITLE,
    )


def _button(side: ft.BorderSide | None = None, padding: int = GAP_XL) -> ft.ButtonStyle:
    return ft.ButtonStyle(
        shape=ft.RoundedRectangleBorder(radius=RADIUS_M),
        padding=ft.Padding.symmetric(vertical=GAP_M, horizontal=padding),
        text_style=style(16, SEMI, 1.25),
        side=side,
    )


def _bar(palette: Palette) -> ft.NavigationBarTheme:
    return ft.NavigationBarTheme(
        bgcolor=palette.card,
        indicator_color=palette.brand_soft,
        label_text_style=style(14, SEMI, 1.2),
    )


def _rail(palette: Palette) -> ft.NavigationRailTheme:
    return ft.NavigationRailTheme(
        bgcolor=palette.card,
        indicator_color=palette.brand_soft,
        selected_label_text_style=style(14, SEMI, 1.2, palette.ink),
        unselected_label_text_style=style(14, MEDIUM, 1.2, palette.muted),
        min_width=RAIL_WIDTH,
    )
