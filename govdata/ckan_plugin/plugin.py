"""The plugin itself: what govdata hooks into CKAN 2.12."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ckan import plugins
from ckan.plugins import toolkit

from govdata import content
from govdata.ckan_plugin import actions, locales, pages, validators
from govdata.ckan_plugin.cli import commands
from govdata.ckan_plugin.entries import read_package
from govdata.ckan_plugin.form import FORM
from govdata.ckan_plugin.search import QUERY_FIELDS, chinese_query, index_fields

PROFILE = "govdata"
_FOLDER = content.root() / "catalog" / "ckan"
_TEMPLATES = "computed_template_paths"
_DCAT_PROFILES = "ckanext.dcat.rdf.profiles"
_DCAT_DEFAULT = ["euro_dcat_ap_3"]


class GovdataPlugin(plugins.SingletonPlugin):
    """`ckan.plugins = govdata scheming_datasets dcat datastore …`."""

    plugins.implements(plugins.IConfigurer)
    plugins.implements(plugins.IConfigurable)
    plugins.implements(plugins.IConfigDeclaration)
    plugins.implements(plugins.ITemplateHelpers)
    plugins.implements(plugins.IValidators)
    plugins.implements(plugins.IFacets, inherit=True)
    plugins.implements(plugins.IPackageController, inherit=True)
    plugins.implements(plugins.IResourceController, inherit=True)
    plugins.implements(plugins.IActions)
    plugins.implements(plugins.IAuthFunctions)
    plugins.implements(plugins.IClick)
    plugins.implements(plugins.IBlueprint)

    def declare_config_options(self, declaration: Any, key: Any) -> None:
        """Our settings with their defaults; scheming has none for its schemas, so ours is the form where none is named."""
        declaration.annotate("govdata")
        form = (content.root() / FORM).as_uri()
        declaration.declare(key.scheming.dataset_schemas, form).set_description("The dataset form; govdata's where none is named.")
        declaration.declare_bool(key.ckanext.govdata.validate, True).set_description("Hold what is typed and sent against the rules.")
        declaration.declare_bool(key.ckanext.govdata.chinese_search, True).set_description("Find unspaced words in Chinese.")

    def update_config(self, config: Any) -> None:
        """Templates and styles; our profile for DCAT where the site chose none."""
        toolkit.add_template_directory(config, str(_FOLDER / "templates"))
        toolkit.add_resource(str(_FOLDER / "assets"), "govdata")
        chosen = config.get(_DCAT_PROFILES)
        if (chosen.split() if isinstance(chosen, str) else chosen) == _DCAT_DEFAULT:
            config[_DCAT_PROFILES] = PROFILE

    def configure(self, config: Any) -> None:
        """Our templates go before scheming's, wherever the two stand in `ckan.plugins`: its pages are ours."""
        paths, own = config[_TEMPLATES], str(_FOLDER / "templates")
        theirs = [place for place, path in enumerate(paths) if "ckanext/scheming" in str(path).replace("\\", "/")]
        if theirs and paths.index(own) > theirs[0]:
            paths.remove(own)
            paths.insert(theirs[0], own)

    def get_helpers(self) -> dict[str, Any]:
        """What our templates call."""
        return dict(pages.HELPERS)

    def get_validators(self) -> dict[str, Any]:
        """What our form names."""
        return dict(validators.VALIDATORS)

    def get_actions(self) -> dict[str, Any]:
        """What the publisher calls."""
        return dict(actions.ACTIONS)

    def get_auth_functions(self) -> dict[str, Any]:
        """Who may call it."""
        return dict(actions.RIGHTS)

    def get_commands(self) -> list[Any]:
        """`ckan govdata …`."""
        return commands()

    def get_blueprint(self) -> Any:
        """An address without which no script of CKAN's runs in Chinese."""
        return locales.blueprint()

    def dataset_facets(self, facets_dict: dict[str, Any], package_type: str) -> dict[str, Any]:
        """Those of the list of datasets."""
        return pages.facets(facets_dict)

    def organization_facets(self, facets_dict: dict[str, Any], organization_type: str, package_type: str | None) -> dict[str, Any]:
        """The same on a department's page, without the department."""
        return {name: title for name, title in pages.facets(facets_dict).items() if name != "organization"}

    def before_dataset_search(self, search_params: dict[str, Any]) -> dict[str, Any]:
        """Words in Chinese become a query that finds them unspaced, unless the caller chose how it is read."""
        asked = search_params.get("q")
        wanted = toolkit.config.get("ckanext.govdata.chinese_search") and not {"defType", "qf", "mm"} & set(search_params)
        found = chinese_query(asked) if wanted and isinstance(asked, str) else None
        if found is None:
            return search_params
        return {**search_params, "q": found, "defType": "edismax", "qf": QUERY_FIELDS, "mm": "100%"}

    def after_dataset_search(self, search_results: dict[str, Any], search_params: Mapping[str, Any]) -> dict[str, Any]:
        """Facets show labels, not codes."""
        pages.label_facets(search_results.get("search_facets", {}))
        return search_results

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        """What Solr gets of a dataset."""
        package = json.loads(pkg_dict["validated_data_dict"]) if pkg_dict.get("validated_data_dict") else pkg_dict
        entry, _, _ = read_package(package)
        return index_fields(pkg_dict, entry.canonical)

    def before_resource_update(self, context: Any, current: Mapping[str, Any], resource: dict[str, Any]) -> None:
        """A file that somebody puts in the place of the publisher's is not the one that its mark tells of."""
        if resource.get("govdata_sha256") and getattr(resource.get("upload"), "filename", ""):
            resource["govdata_sha256"] = ""
